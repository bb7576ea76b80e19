# The staircase of the paper example: x against s (q - z).  csv and out are set by the caller.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Four bits, s = 0.2, z = 5: sixteen steps through an exact 0, flat where it clamps"
set xlabel "x (real)"
set ylabel "s (q - z) (reconstruction), and error"
set xrange [-1.6:2.8]
set yrange [-1.4:2.4]
set grid lc rgb "#dddddd"
set key left top
set arrow from -1,-1.4 to -1,2.4 nohead dashtype 3 lc rgb "#555555"
set arrow from 2,-1.4 to 2,2.4 nohead dashtype 3 lc rgb "#555555"
plot csv."/staircase.csv" using 1:2 skip 1 with lines lw 2 lc rgb "#0072B2" title "reconstruction", \
     "" using 1:3 skip 1 with lines lw 1.5 lc rgb "#D55E00" title "error x - s (q - z)", \
     x with lines dashtype 2 lc rgb "#999999" title "x itself", \
     "+" using (0):(0) every ::0::0 with points pt 7 ps 0.8 lc rgb "black" title "0 becomes exactly 0"
