# Accuracy over the contrast of the pictures: float, static, dynamic per row; 95 % intervals.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Fixed ranges lose faint digits; ranges found at run time keep them"
set xlabel "contrast of the pictures (1: as the net was trained)"
set ylabel "right, % of the test digits"
set logscale x 2
set xrange [1/90.0:90]
set xtics ("1/64" 1/64.0, "1/32" 1/32.0, "1/16" 1/16.0, "1/8" 1/8.0, "1/4" 1/4.0, "1/2" 0.5, \
  "1" 1, "2" 2, "4" 4, "8" 8, "16" 16, "32" 32, "64" 64)
set yrange [58:97]
set grid lc rgb "#dddddd"
set key right bottom
plot csv."/contrast.csv" using 1:2 skip 1 with lines lw 2 dt 2 lc rgb "#888888" title "float", \
     "" using 1:5:6:7 skip 1 with yerrorlines lw 2 pt 7 ps 0.5 lc rgb "#D55E00" title "static (chapter 06)", \
     "" using ($1*1.06):11:12:13 skip 1 with yerrorlines lw 2 pt 5 ps 0.5 lc rgb "#0072B2" title "dynamic, per row"
