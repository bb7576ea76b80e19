# Percent right at 8 bits against the number of calibration digits, one value in 5000 an outlier.
set terminal svg size 860,420 font "Helvetica,13" background rgb "white"
set output out
set datafile separator ","
set title "Outliers in calibration, 8 bits: mean and 95 % interval of five draws"
set xlabel "calibration digits"
set ylabel "percent of the test digits right"
set logscale x 2
set xtics ("1" 1, "8" 8, "64" 64, "512" 512, "4096" 4096)
set xrange [0.8:5200]
set yrange [55:97]
set grid lc rgb "#dddddd"
set key outside right top reverse Left
plot csv."/samples.csv" using 1:2:3 skip 1 with yerrorlines lw 2 pt 7 ps 0.6 lc rgb "#000000" title "min-max", \
     "" using ($1*1.03):4:5 skip 1 with yerrorlines lw 2 pt 5 ps 0.5 lc rgb "#999999" title "moving average", \
     "" using ($1*1.06):6:7 skip 1 with yerrorlines lw 2 pt 9 ps 0.7 lc rgb "#E69F00" title "percentile 99", \
     "" using ($1*0.97):8:9 skip 1 with yerrorlines lw 2 pt 11 ps 0.7 lc rgb "#D55E00" title "percentile 99.9", \
     "" using ($1*1.09):10:11 skip 1 with yerrorlines lw 2 pt 13 ps 0.7 lc rgb "#CC79A7" title "percentile 99.99", \
     "" using ($1*0.94):14:15 skip 1 with yerrorlines lw 2 pt 7 ps 0.6 lc rgb "#0072B2" title "entropy", \
     "" using ($1*0.91):16:17 skip 1 with yerrorlines lw 2 pt 5 ps 0.5 lc rgb "#009E73" title "MSE"
