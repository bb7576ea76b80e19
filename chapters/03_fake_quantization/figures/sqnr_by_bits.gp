# SQNR against bits for Gaussian, Laplace and trained weights, scale from the largest magnitude (dashed) and
# from the best threshold (solid).  csv and out are set by the caller.
set terminal svg size 720,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "About 6 dB a bit; at few bits it pays to clip the tails"
set xlabel "bits"
set ylabel "SQNR (dB)"
set xrange [1.8:8.2]
set yrange [0:50]
set xtics 2,1,8
set grid lc rgb "#dddddd"
set key right bottom spacing 0.95
plot csv."/sqnr_by_bits.csv" using 1:3 skip 1 with linespoints lw 2 pt 7 ps 0.5 lc rgb "#0072B2" title "Gauss, best T", \
     "" using 1:2 skip 1 with linespoints lw 2 pt 6 ps 0.5 dashtype 3 lc rgb "#0072B2" title "Gauss, T = max |x|", \
     "" using 1:5 skip 1 with linespoints lw 2 pt 5 ps 0.5 lc rgb "#D55E00" title "Laplace, best T", \
     "" using 1:4 skip 1 with linespoints lw 2 pt 4 ps 0.5 dashtype 3 lc rgb "#D55E00" title "Laplace, T = max |x|", \
     "" using 1:7 skip 1 with linespoints lw 2 pt 9 ps 0.6 lc rgb "#009E73" title "fc1, trained, best T", \
     "" using 1:6 skip 1 with linespoints lw 2 pt 8 ps 0.6 dashtype 3 lc rgb "#009E73" title "fc1, trained, T = max |x|", \
     6.0206 * x with lines lw 1 lc rgb "#999999" title "6.02 dB for each bit"
